"""Run by GDB: which type it finds for each copy that the library has a type for, and what it writes of them.

Environment: RESULT (the file to write).
"""

import json
import os

import gdb  # pylint: disable=import-error

from polyton_gdb import session, symbols, values


def ask():
    with session.picture(session.ALL_TYPED) as picture:
        document = picture.json("report", show_all=True)
    objects = {object_["name"]: object_ for object_ in document["objects"]}
    told = []
    for row in document["singletons"]:
        for copy in row["copies"]:
            object_ = objects[copy["object"]]
            objfile, why = symbols.objfile_of(object_)
            type_, why = values.find_type(copy, object_) if objfile else (None, why)
            text = whys = None
            if copy["cells"]:
                with values.language_of(row["language"]):
                    text, whys = values.Writer(copy, object_, row["language"]).text(copy["cells"][0])
            told.append({"name": row["name"], "object": copy["object"], "language": row["language"], "size": copy["size"],
                         "type": copy["type"], "has_file": objfile is not None, "found": type_ and str(type_),
                         "found_size": type_ and type_.sizeof, "why": why, "text": text, "text_why": whys,
                         "library_text": copy["cells"] and (copy["cells"][0]["value"] or {}).get("text")})
    return told


with open(os.environ["RESULT"], "w", encoding="utf-8") as file:
    json.dump(ask(), file)
