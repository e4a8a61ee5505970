#!/usr/bin/python3
"""`with shows("RQ-..."):` counts as evidence when its block ends normally; this proves for each one
that an assertion was then executed: one stands in the block itself (not only in a loop or in one
branch, which may run no time), or in a function that is called there; and nothing jumps out of the
block. What counts: `assert` of something that is not constant, `with pytest.raises`, a declared
expectation (`.expect(...)`: one that never fires fails the scenario), and what a TCP peer expects.

usage: shows.py [FILE...]     default: all scenarios
"""
import ast
import pathlib
import sys

from common import Findings, ROOT, files

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
LOOPS = (ast.For, ast.While)
EXPECTING = ("expect", "expect_rst", "expect_nothing")  # methods that fail by themselves


class Scope:
    """The functions that a file may call by name: its own, then those of the conftests above."""

    def __init__(self, path):
        self.functions = {}
        self.open = set()
        for place in [*reversed(conftests(path)), path]:
            for node in ast.walk(ast.parse(place.read_text())):
                if isinstance(node, ast.FunctionDef):
                    self.functions[node.name] = node

    def function_asserts(self, name):
        """A call of this function, or of what this fixture hands out, executes an assertion."""
        node = self.functions.get(name)
        if node is None or name in self.open:
            return False
        self.open.add(name)
        last = node.body[-1]
        inner = (isinstance(last, (ast.Return, ast.Expr)) and last.value is not None
                 and [n.id for n in ast.walk(last.value) if isinstance(n, ast.Name)])
        found = self.block_asserts(node.body) or any(
            self.function_asserts(n) for n in inner or []
            if any(isinstance(s, ast.FunctionDef) and s.name == n for s in node.body))
        self.open.discard(name)
        return found

    def block_asserts(self, body):
        """Whoever gets to the end of these statements has executed an assertion."""
        for statement in body:
            if isinstance(statement, ast.Return):
                return statement.value is not None and self.called(statement.value)
            if self.asserts(statement):
                return True
            if jumps(statement):
                return False
        return False

    def asserts(self, node):
        """This statement, once it has been executed, has executed an assertion."""
        if isinstance(node, ast.Assert):
            return not isinstance(node.test, (ast.Constant, ast.Tuple))
        if isinstance(node, ast.With):
            return any(raises(item) for item in node.items) or self.block_asserts(node.body)
        if isinstance(node, ast.If):
            return self.block_asserts(node.body) and self.block_asserts(node.orelse)
        value = getattr(node, "value", None)
        return isinstance(node, (ast.Expr, ast.Assign)) and value is not None and self.called(value)

    def called(self, value):
        """The expression is a call of something that asserts."""
        if not isinstance(value, ast.Call):
            return False
        if isinstance(value.func, ast.Attribute):
            return value.func.attr in EXPECTING
        return isinstance(value.func, ast.Name) and self.function_asserts(value.func.id)


def conftests(path):
    """The conftest.py files that pytest loads for a scenario, nearest first."""
    return [p / "conftest.py" for p in path.parents
            if (p == ROOT or ROOT in p.parents) and (p / "conftest.py").exists()]


def raises(item):
    """`with pytest.raises(...)`."""
    call = item.context_expr
    return (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
            and call.func.attr == "raises")


def is_shows(node):
    """`with shows(...)`, alone or among others."""
    return isinstance(node, ast.With) and any(
        isinstance(i.context_expr, ast.Call) and isinstance(i.context_expr.func, ast.Name)
        and i.context_expr.func.id == "shows" for i in node.items)


def jumps(node, in_loop=False):
    """Something in this statement leaves the block that it stands in: return, or break and
    continue of a loop outside. Statements of a function that is only defined here do not count."""
    if isinstance(node, FUNCTIONS):
        return False
    if isinstance(node, ast.Return) or isinstance(node, (ast.Break, ast.Continue)) and not in_loop:
        return True
    in_loop = in_loop or isinstance(node, LOOPS)
    return any(jumps(child, in_loop) for child in ast.iter_child_nodes(node))


def check(path, found):
    """All `with shows` of a file that has it from the package."""
    tree = ast.parse(path.read_text())
    if not any(isinstance(n, ast.ImportFrom) and n.module == "lockwire"
               and "shows" in [a.name for a in n.names] for n in ast.walk(tree)):
        return
    blocks = [node for node in ast.walk(tree) if is_shows(node)]
    scope = Scope(path) if blocks else None
    for node in blocks:
        found.looked += 1
        if not scope.block_asserts(node.body):
            found.add(path, node.lineno, "this block can end without having asserted anything: "
                      "put an assert into it, outside of loops and branches")
        elif any(jumps(s) for s in node.body):
            found.add(path, node.lineno, "return, break or continue leaves this block early")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "shows" and not any(
                node is i.context_expr.func for b in blocks for i in b.items
                if isinstance(i.context_expr, ast.Call)):
            found.add(path, node.lineno, "write `with shows(...):` so that its block can be seen")


def main():
    found = Findings("shows")
    given = [pathlib.Path(p).resolve() for p in sys.argv[1:]]
    for path in given or files(".py", rooms=("scenarios",)):
        check(path, found)
    found.finish()


if __name__ == "__main__":
    main()
