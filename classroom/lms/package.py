"""Files that come out byte for byte the same each time, on every machine."""

from __future__ import annotations

import io
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring
from zipfile import ZIP_STORED, ZipFile, ZipInfo

XSI = "http://www.w3.org/2001/XMLSchema-instance"
PREFIX = "sevenlenses"  # of every identifier, so that it meets none of another package


def add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child, with this text."""
    made = SubElement(parent, tag, attributes)
    made.text = text
    return made


def document(root: Element, mixed: bool = False) -> bytes:
    """The XML file. Where text and elements are `mixed`, a space between tags would be one in a sentence."""
    if not mixed:
        indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip file without the time. Stored, since what packing gives depends on the machine's zlib."""
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name)  # of 1980
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()
