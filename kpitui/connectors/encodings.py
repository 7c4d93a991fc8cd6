"""What characters a file is written in, proven on all of its bytes before the first row is read."""

from __future__ import annotations

import codecs
import hashlib
from typing import NamedTuple

from kpitui.connectors.base import Source, read_block
from kpitui.errors import Refused
from kpitui.text import cut

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Encoding(NamedTuple):
    codec: str
    sha256: str
    notes: tuple[str, ...]


def find_encoding(source: Source, wanted: str | None = None) -> Encoding:
    """The encoding of a file of text: as its first bytes mark it (UTF-8, UTF-16), UTF-8, or else Windows-1252.

    `wanted` is taken instead. Raises Refused for what is not text, or not in that encoding.
    """
    source.file.seek(0)
    start = source.file.read(4)
    source.file.seek(0)
    if start in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        raise Refused(f"{source.name} is written in UTF-32: save it as UTF-8.")
    codec = wanted or next((codec for mark, codec in MARKS if start.startswith(mark)), "utf-8")
    try:
        codecs.lookup(codec)
    except LookupError:
        raise Refused(f"There is no encoding “{cut(codec, 40)}”: use utf-8, utf-16 or cp1252.") from None
    digest, bad = _decoded(source, codec)
    if bad is None:
        return Encoding(codec, digest, ())
    if wanted or codec != "utf-8":
        said = f"{source.name} is not written in {codec}: byte {bad + 1:,} cannot be read. Save it as UTF-8."
        raise Refused(said)
    _, worse = _decoded(source, "cp1252")
    if worse is not None:
        raise Refused(
            f"{source.name} is written neither in UTF-8 (byte {bad + 1:,}) nor in Windows-1252 (byte {worse + 1:,}): "
            "save it as UTF-8."
        )
    note = f"{source.name} is not UTF-8 (byte {bad + 1:,}) and was read as Windows-1252: check names with accents."
    return Encoding("cp1252", digest, (note,))


def _decoded(source: Source, codec: str) -> tuple[str, int | None]:
    """The SHA-256 of the bytes, and the first one that is not of this codec. Raises Refused for a NUL: no text."""
    decoder = codecs.getincrementaldecoder(codec)()
    digest = hashlib.sha256()
    at, bad = 0, None
    source.file.seek(0)
    while block := read_block(source):
        digest.update(block)
        if bad is None:
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                bad = max(0, at - (len(error.object) - len(block)) + error.start)
                text = block.decode("latin-1")
            except UnicodeError:
                bad, text = at, block.decode("latin-1")
        else:
            text = block.decode("latin-1")
        if "\0" in text:
            raise Refused(f"{source.name} is not a text file, or damaged: it holds NUL bytes. Save it as CSV.")
        at += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        bad = at - 1 if bad is None else bad
    source.file.seek(0)
    return digest.hexdigest(), bad
