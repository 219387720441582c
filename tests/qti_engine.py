"""Answer exported questions as a platform would, with Pyslet, an implementation of QTI 2.1 by one of its editors.

`python qti_engine.py PYSLET ARCHIVE` takes {question: [answer, ...]} as JSON, and gives {question: [[points, what is
said], ...]}. Pyslet refuses what the standard does not allow. It knows no MathML, which is taken out before; and it
reads the two tolerances of a comparison as one word, which is mended here.
"""

import io
import json
import logging
import sys
import zipfile

from lxml import etree

MATH = "{http://www.w3.org/1998/Math/MathML}math"


def main(pyslet: str, archive: str) -> None:
    sys.path.insert(0, pyslet)
    logging.raiseExceptions = logging.lastResort = None
    from pyslet.qtiv2 import expressions, variables, xml

    expressions.Equal.XMLATTR_tolerance = ("tolerance", str, str, list)
    said = {}
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if name.endswith(".xml") and name != "imsmanifest.xml":
                root = etree.fromstring(files.read(name))
                etree.strip_elements(root, MATH, with_tail=False)
                document = xml.QTIDocument()
                document.read(src=io.BytesIO(etree.tostring(root)))
                said[root.get("title")] = document.root
    asked = json.load(sys.stdin)
    json.dump({name: [answered(said[name], one, variables) for one in asked[name]] for name in asked}, sys.stdout)


def answered(item, answer: str | float, variables) -> tuple[float, str]:
    session = variables.ItemSessionState(item)
    session.begin_session()
    session["RESPONSE"].set_value(answer)
    session.end_attempt()
    return session["SCORE"].value, session["FEEDBACK"].value


if __name__ == "__main__":
    main(*sys.argv[1:])
