"""Chinese on the screen: pinyin, handwriting, characters by shape, and the places of an address.

Everything works from one file (`kiosk.input.pack`), built at set-up by `provisioning.input_data`. Nothing is learnt
from what a citizen types.
"""
