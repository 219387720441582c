#!/bin/sh
# Prints the command of a Python fit for this course, or says which ones it met and what to do.
# Shell, because nothing is known yet about any Python here. PYTHON=... overrules the search.

if [ -z "$PYTHON" ] && [ -e .venv/ready ]; then
    for python in .venv/bin/python .venv/Scripts/python.exe; do
        # An upgrade of the system's Python can leave a virtual environment without its interpreter.
        "$python" -c "" 2>/dev/null && echo "$python" && exit
    done
fi

if [ -n "$PYTHON" ]; then
    set -- "${1:-serve}" "$PYTHON" # one word, spaces and all
else
    set -- "${1:-serve}" python3 python3.13 python3.12 python3.11 python
fi
target=$1
shift

met=""
for python; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
    3.11 | 3.12 | 3.13)
        "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 && echo "$python" && exit
        met="$met $python is $version but lacks the venv module;"
        ;;
    *) met="$met $python is $version;" ;;
    esac
done

cat >&2 <<END
Seven Lenses needs Python 3.11, 3.12 or 3.13 with its venv module. Found:${met:- no Python${PYTHON:+ called $PYTHON};}
Install one (Debian, Ubuntu: sudo apt install python3.12 python3.12-venv; macOS: brew install python@3.12),
or name the one to use: make $target PYTHON=/path/to/python3.12
END
exit 1
