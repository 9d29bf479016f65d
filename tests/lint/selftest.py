#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# selftest: every lint passes a small good tree and fails when one thing in it is
# made wrong, so that none of them passes because it sees nothing.

import os
import shutil
import sys
import tempfile

import documents
import floors
import format as formatting
import headers
import lists
import style
import supply
import tree

MODULES = (floors, style, lists, documents, formatting, headers, supply)

SPDX = "SPDX-License-Identifier: BSD-2-Clause"
HEAD = f"/* {SPDX}\n *\n * file: says what it is.\n */\n"

GOOD = {
    "Makefile.am": f"## {SPDX}\ninclude milter/base/room.mk\n"
                   "include milter/mail/room.mk\ninclude milter/check/room.mk\n",
    "milter/base/room.mk": f"## {SPDX}\nSOURCES += %D%/banned.h %D%/base.h\n",
    "milter/mail/room.mk": f"## {SPDX}\nSOURCES += \\\n\t%D%/one.c %D%/one.h\n",
    "milter/check/room.mk": f"## {SPDX}\nSOURCES += %D%/facts.c\n",
    "milter/base/banned.h": HEAD + "#pragma GCC poison strcpy\n",
    "milter/base/base.h": HEAD + "#ifndef A\n#define A\n\n"
                          '#include <string.h>\n\n#include "base/banned.h"\n'
                          "\n#endif\n",
    "milter/mail/one.h": HEAD + "#ifndef B\n#define B\n\n"
                         '#include "base/base.h"\n\nint one(void);\n\n#endif\n',
    "milter/mail/one.c": HEAD + '#include "mail/one.h"\n\nint\none(void)\n{\n'
                         "\treturn 1;\n}\n",
    "milter/check/facts.c": HEAD + '#include "base/base.h"\n\n'
                            "static const struct {\n\tconst char *name;\n"
                            "\tint type;\n} all[] = {\n"
                            '\t{ "from.error", FACT_WORD },\n};\n',
}

ROWS = "".join(f"\t\t{i},\n" for i in range(90))
LONG = "".join("\tone();\n" for i in range(90))
BODY = HEAD + '#include "mail/one.h"\n\nint\none(void)\n{\n'
PAGE = f'.\\" {SPDX}\n.Dd November 1, 2026\n.Dt X 5\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n'
OPTION = f"/* {SPDX} */\nOPTION(Socket, STRING)\nOPTION(SocketMode, MODE)\n"

# What the rules of supply read, beside the above.
ROW = "| libone | 1 | MIT | what for | mail/one | why |\n"
LIBRARIES = "## Linked into x\n\n| library | ... |\n|---|---|\n"
UNIT = ("[Service]\nUser=chopmark\nExecStart=/usr/sbin/chopmarkd\nAmbientCapabilities=CAP_CHOWN\n"
        "CapabilityBoundingSet=CAP_CHOWN\n")
PAGES = "Reporting", "Supported versions", "What is trusted, and what is not", "What is promised"
SECURITY = ("".join(f"\n## {name}\n" for name in PAGES) + "\n## How it is tested\n"
            f"{supply.PROOFS} {supply.LIST} `systemd-analyze security`: 9.9\n")
PROOF = '| x | y | `tests/x.c`: "one and two" |\n'
SUPPLY = {
    "configure.ac": f"dnl {SPDX}\nCM_LIB([ONE], [one], [f], [one.h], [one-dev])\n",
    "contrib/doc/dependencies.md": LIBRARIES + ROW,
    "contrib/setup": f'# {SPDX}\nBUILD="gcc one-dev"\n',
    "contrib/chopmark.service": UNIT,
    "contrib/chopmark.sysusers": "u chopmark - x\n",
    "contrib/chopmark.tmpfiles": "d /run/chopmark 0755 root chopmark -\n",
    "SECURITY.md": SECURITY,
    "contrib/doc/proofs.md": PROOF,
    "tests/x.c": HEAD + '"one "\n\t"and two"',
}

# rule, path, its new content, what the complaint must hold (None: none is due)
CASES = [
    (floors.floors, "milter/base/base.h",
     HEAD + '#include "mail/one.h"\n', "base (floor 0) may not include mail/one.h"),
    (floors.floors, "milter/dns/x.c",
     HEAD + '#include "mail/one.h"\n', "dns (floor 1) may not include"),
    (floors.floors, "milter/check/x.c", HEAD + '#include "mail/one.h"\n', None),
    (floors.floors, "milter/mail/one.c", HEAD + '#include "one.h"\n',
     "no file milter/one.h"),
    (floors.floors, "milter/cellar/x.c", HEAD, "has no floor"),
    (floors.doors, "milter/mail/one.c", HEAD + "#include <opendkim/dkim.h>\n",
     "<opendkim/dkim.h> only in"),
    (floors.doors, "milter/check/dkim_lib.c", HEAD + "#include <opendkim/dkim.h>\n",
     None),
    (floors.doors, "milter/mail/one.c", HEAD + "# include <curl/curl.h>\n",
     "neither of the system nor has a door"),
    (floors.base_is_libc_only, "milter/base/base.h",
     HEAD + "#include <openssl/evp.h>\n", "<openssl/evp.h> in base"),
    (floors.banned_reaches_all, "milter/mail/one.c",
     HEAD + "#include <string.h>\n", "does not reach base/banned.h"),
    (floors.own_header_first, "milter/mail/one.c",
     HEAD + '#include "base/base.h"\n#include "mail/one.h"\n', "first"),
    (style.licence, "milter/mail/one.c", "/* mine */\n", "no line"),
    (style.licence, "tests/x.sh", "#!/bin/sh\n# nothing\n", "no line"),
    (style.head_comment, "milter/mail/one.c", f"/* {SPDX} */\nint x;\n", "head comment"),
    (style.function_length, "milter/mail/one.c", BODY + LONG + "}\n",
     "one() has 90 lines"),
    (style.function_length, "milter/mail/one.c",
     BODY + "\tstatic const int all[] = {\n" + ROWS + "\t};\n\treturn all[0];\n}\n",
     None),
    (style.file_length, "milter/mail/one.c", HEAD + "\n" * 600, "over 600"),
    (style.no_catch_alls, "milter/util/x.c", HEAD, "takes in everything"),
    (style.no_catch_alls, "milter/mail/utils.c", HEAD, "takes in everything"),
    (style.no_machine_paths, "README", "See /ho" + "me/joe/x.\n", "me/joe/"),
    (style.no_machine_paths, "README", "See /var/wo" + "rk/x.\n", None),
    (style.no_trailing_space, "milter/mail/one.c", HEAD + "int x; \n", "end of the line"),
    (style.no_torn_declarations, "milter/mail/one.h",
     HEAD + "struct a {\n\tstruct b\n\t    c; /* long */\n};\n", "above the"),
    (lists.every_file_is_listed, "milter/mail/two.c", HEAD, "in no makefile"),
    (lists.every_file_is_listed, "conf/x.conf", f"# {SPDX}\n", "in no makefile"),
    (lists.every_room_has_a_list, "milter/dns/x.c", HEAD, "milter/dns: no room.mk"),
    (lists.every_list_is_included, "tests/unit/x.mk", f"## {SPDX}\n", "included nowhere"),
    (documents.manual_pages, "conf/x.5", PAGE, None),
    (documents.manual_pages, "conf/x.5", PAGE + ".Sh DESCRIPTION\n.Zz x\n", "x.5"),
    (documents.options_in_manual, "conf/chopmark.conf.5",
     PAGE + ".It Cm SocketMode\n", "nothing about Socket"),
    (documents.options_in_manual, "conf/chopmark.conf.5",
     PAGE + ".It Cm SocketMode\n.It Cm Socket\n", None),
    (documents.options_in_sample, "conf/chopmark.conf", "#Socket x\n",
     "nothing about SocketMode"),
    (documents.facts_in_manual, "conf/policy.conf.5",
     PAGE + ".It Cm from\n", "nothing about from.error"),
    (documents.facts_in_manual, "conf/policy.conf.5",
     PAGE + ".It Cm from.error\n", None),
    (formatting.is_formatted, "milter/mail/one.c", BODY + "  return 1;\n}\n", "one.c"),
    (headers.compiles_alone, "milter/mail/one.h",
     HEAD + "size_t one(void);\n", "size_t"),
    (headers.compiles_alone, "milter/mail/one.h",
     HEAD + "struct twice {\n\tint x;\n};\n", "twice"),
    (supply.list_is_complete, supply.LIST, LIBRARIES, "nothing about libone"),
    (supply.list_is_complete, supply.LIST, LIBRARIES + ROW + ROW.replace("libone", "libtwo"),
     "libtwo is not asked for"),
    (supply.list_says_all, supply.LIST, LIBRARIES + ROW.replace("MIT", ""), "must be told"),
    (supply.list_says_all, supply.LIST, LIBRARIES + ROW.replace("mail/one", "mail/two"),
     "there is no milter/mail/two"),
    (supply.setup_installs_them, "contrib/setup", 'BUILD="gcc"\n', "one-dev is not installed"),
    (supply.units_agree, "contrib/chopmark.sysusers", "u other - x\n", "sysusers"),
    (supply.units_agree, "contrib/chopmark.tmpfiles", "d /x 0755 joe chopmark -\n", "joe"),
    (supply.units_agree, "contrib/chopmark.service",
     UNIT.replace("AmbientCapabilities=", "AmbientCapabilities=CAP_KILL "), "CAP_KILL"),
    (supply.unit_is_right, "contrib/chopmark.service", UNIT + "Usr=x\n", "Usr"),
    (supply.unit_is_closed, "SECURITY.md", SECURITY.replace("9.9", "0.1"), "exposure"),
    (supply.security_page, "SECURITY.md", SECURITY.replace("Reporting", "x"), "'Reporting'"),
    (supply.promises_are_tested, supply.PROOFS, "| x | y | z |\n", "no test is named"),
    (supply.promises_are_tested, supply.PROOFS, PROOF.replace("x.c", "y.c"),
     "there is no tests/y.c"),
    (supply.promises_are_tested, supply.PROOFS, PROOF.replace("two", "three"),
     "has no test 'one and three'"),
]


def plant(root, files):
    for path, text in files.items():
        where = os.path.join(root, path)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where, "w", encoding="utf-8") as f:
            f.write(text)


def complaints(rule, changes):
    with tempfile.TemporaryDirectory() as root:
        plant(root, GOOD)
        style_file = os.path.join(tree.source_root(), ".clang-format")
        shutil.copy(style_file, root)
        if rule.__module__ == "documents" and "option" in rule.__name__:
            plant(root, {"milter/config/options.def": OPTION})
        if rule.__module__ == "supply":
            plant(root, SUPPLY)
        plant(root, changes)
        return rule(tree.Tree(root))


def judge(rule, path, text, want):
    """The reason why the case fails, or None."""
    found = complaints(rule, {path: text})
    if want is None:
        return f"complains: {found}" if found else None
    return None if any(want in line for line in found) else f"says only {found}"


def every_rule_has_a_case():
    known = {rule for m in MODULES for _, rule in m.RULES}
    return [r.__name__ for r in known - {c[0] for c in CASES if c[3] is not None}]


def passes_good_tree():
    """Rules that complain of the tree in which nothing is wrong."""
    loud = []
    for module in MODULES:
        for _, rule in module.RULES:
            try:
                loud += [f"{rule.__name__}: {c}" for c in complaints(rule, {})]
            except tree.Skip:
                pass
    return loud


def main():
    os.environ.pop("top_builddir", None)  # its config.h is not of these trees
    failed = 0
    print(f"1..{len(CASES) + 2}")
    for number, (rule, path, text, want) in enumerate(CASES, 1):
        name = f"{rule.__name__}: " + (f"'{want}' is found" if want else
                                       f"{path} is fine")
        try:
            why = judge(rule, path, text, want)
        except tree.Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
            continue
        print(f"{'not ' if why else ''}ok {number} - {name}")
        if why:
            print(f"# {why}")
        failed += bool(why)
    ends = [("every rule is seen to fail", every_rule_has_a_case()),
            ("every rule passes a tree in which nothing is wrong",
             passes_good_tree())]
    for number, (name, left) in enumerate(ends, len(CASES) + 1):
        print(f"{'not ' if left else ''}ok {number} - {name}")
        for line in left:
            print(f"# {line}")
        failed += bool(left)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
