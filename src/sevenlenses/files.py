"""Files that others may read at any moment. Standard library only: tools/ runs this before anything is installed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write all of it or nothing: after a kill or on a full disk the file is the old one or the new one.

    A file that holds `content` already is left alone, so that nobody needs leave to write what is there.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, 0o644)  # mkstemp's own would shut others out
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
