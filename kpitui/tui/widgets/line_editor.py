"""The text being typed on one row: readline keys, no widget. The prompt and the entry grid hold one each."""

from __future__ import annotations


class LineEditor:
    """Text and a cursor between its characters. What is `anew` is replaced by the first thing typed; any other key
    goes on with it."""

    __slots__ = ("anew", "at", "text")

    def __init__(self, text: str = "") -> None:
        self.set(text)

    def set(self, text: str, anew: bool = False) -> None:
        self.text = text
        self.at = len(text)
        self.anew = anew and bool(text)

    def insert(self, text: str) -> None:
        if self.anew and text:
            self.set("")
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def press(self, key: str, character: str | None) -> bool:
        """Do what a key does in a text line; False for keys that have no meaning there."""
        match key:
            case "backspace" | "ctrl+h":
                if self.at:
                    self.text = self.text[: self.at - 1] + self.text[self.at :]
                    self.at -= 1
            case "delete" | "ctrl+d":
                self.text = self.text[: self.at] + self.text[self.at + 1 :]
            case "left" | "ctrl+b":
                self.at = max(self.at - 1, 0)
            case "right" | "ctrl+f":
                self.at = min(self.at + 1, len(self.text))
            case "home" | "ctrl+a":
                self.at = 0
            case "end" | "ctrl+e":
                self.at = len(self.text)
            case "ctrl+k":
                self.text = self.text[: self.at]
            case "ctrl+u":
                self.text, self.at = self.text[self.at :], 0
            case "ctrl+w":
                start = self._word_start()
                self.text, self.at = self.text[:start] + self.text[self.at :], start
            case "ctrl+left":
                self.at = self._word_start()
            case "ctrl+right":
                rest = self.text[self.at :]
                self.at += len(rest) - len(rest.lstrip().partition(" ")[2])
            case _:
                if character is None or not character.isprintable():
                    return False
                self.insert(character)
        self.anew = False
        return True

    def _word_start(self) -> int:
        before = self.text[: self.at].rstrip()
        return before.rfind(" ") + 1
