"""What a kernel runs first while the book is built: it notes every file that is opened and every folder that is listed.

Nothing is left in the chapter's own names: what a chapter forgets to import must fail here as it would in a notebook.
"""


def _watch():
    import os
    import sys
    from contextlib import suppress
    from importlib.util import source_from_cache

    log = os.open(os.environ["SEVENLENSES_READS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    writes = os.O_WRONLY | os.O_RDWR
    seen = set()

    def note(event, arguments):
        if event in ("subprocess.Popen", "os.posix_spawn", "os.exec"):
            name = "*"  # what another program reads nobody sees: anything
        elif event in ("os.listdir", "os.scandir"):
            name = "." if arguments[0] is None else arguments[0]
        elif event == "open":
            name, mode, flags = arguments
            if (mode is None and flags & writes) or set(mode or "") & set("wax"):
                return
        else:
            return
        if isinstance(name, int) or name in seen:
            return
        seen.add(name)
        path = os.path.abspath(os.fsdecode(name)) if name != "*" else name
        if path.endswith(".pyc"):
            with suppress(ValueError):  # a compiled file without its source: it is itself what was read
                path = source_from_cache(path)
        os.write(log, os.fsencode(path) + b"\n")

    # Chapters import nothing that lies beside them. Were their folder searched, a new chapter would concern them all.
    sys.path[:] = [place for place in sys.path if os.path.abspath(place) != os.getcwd()]
    sys.addaudithook(note)


_watch()
del _watch
