"""An invented crowd that uses a gate and a desk, and the accounts that say whether anything was lost.

The terminals are the real program with the real drivers; the people, their cards, papers and faces are at the other
end of real wires. Everything here is invented; the portraits are public-domain pictures that a package ships.
"""
