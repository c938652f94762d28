"""Names and numbers as they may be shown to others: enough for oneself to recognise, too little for a neighbour."""


def mask_name(name: str) -> str:
    """`王小明` → `王*明`, `王明` → `王*`; of a name in Latin letters the first and last letter of the whole stay."""
    name = name.strip()
    if len(name) < 2:
        return name
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * min(len(name) - 2, 8)}{name[-1]}"


def mask_number(number: str) -> str:
    """`110101199003070011` → `110101********0011`: the date of birth is hidden; shorter numbers keep their ends."""
    if len(number) == 18:
        return f"{number[:6]}{'*' * 8}{number[-4:]}"
    keep = len(number) // 4
    return f"{number[:keep]}{'*' * (len(number) - 2 * keep)}{number[len(number) - keep :]}"
