"""The keys of value cells and of text lines, the same whatever the screen: the end of the table in `keys.py`."""

from __future__ import annotations

from kpitui.verb import Verb

APART_VERBS: tuple[Verb, ...] = (
    # A value cell: Entry, Due, check-in.
    Verb(
        "cell_type", "0 1 2 3 4 5 6 7 8 9 . + - =", "type", "start typing over the value", "Value cells", ("cell",), 95
    ),
    Verb(
        "cell_save", "enter", "save, down", "save and go down; on an empty cell only down", "Value cells", ("cell",), 94
    ),
    Verb("cell_move", "tab shift+tab up down left right", "move", "save and move", "Value cells", ("cell",)),
    Verb("cell_same", "\" '", "same", "same as the period before", "Value cells", ("cell",), 80),
    Verb("cell_none", "x", "none", "no value this period, and why", "Value cells", ("cell",), 75),
    Verb("cell_edit", "e", "edit", "keep the old text and edit it", "Value cells", ("cell",)),
    Verb("cell_empty", "d", "empty", "empty the cell", "Value cells", ("cell",)),
    Verb("cell_block", "v", "block", 'mark a block, then y, d or "', "Value cells", ("cell",), 45),
    Verb("cell_drop", "escape", "drop", "drop what is being typed", "Value cells", ("cell",)),
    # A text line or form.
    Verb("line_save", "enter", "save", "save; in a form the next field", "Text lines", ("line",), 95),
    Verb("line_drop", "escape", "drop", "drop it", "Text lines", ("line",), 90),
    Verb("line_complete", "tab", "complete", "complete the word", "Text lines", ("line",), 80),
    Verb("line_form", "ctrl+s", "save form", "save the form", "Text lines", ("line",), 70),
    Verb("line_editor", "ctrl+o", "editor", "write it in $EDITOR", "Text lines", ("line",), 30),
    Verb("line_start", "ctrl+a", "start", "to the start of the line", "Text lines", ("line",)),
    Verb("line_end", "ctrl+e", "end", "to the end of the line", "Text lines", ("line",)),
    Verb("line_kill", "ctrl+k", "kill", "cut to the end", "Text lines", ("line",)),
    Verb("line_clear", "ctrl+u", "clear", "cut to the start", "Text lines", ("line",)),
    Verb("line_word", "ctrl+w", "cut word", "cut the word before", "Text lines", ("line",)),
    Verb("answer_yes", "y", "yes", "yes, to a question", "Text lines", ("line",)),
    Verb("answer_no", "n", "no", "no, to a question", "Text lines", ("line",)),
)
