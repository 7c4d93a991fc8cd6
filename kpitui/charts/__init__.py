"""Values to text: sparklines, bullets, level marks and line charts. Pure: no terminal, no colour, no clock.

Every function takes values, a size in cells and a `Glyphs` set, and gives plain text of exactly that size. Colours are
put on by whoever draws, from the cell positions given beside the text.
"""
