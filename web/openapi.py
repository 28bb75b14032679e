"""Print the server's API as OpenAPI, without a server: the types in src/api/schema.d.ts are made from it."""

import sys

import msgspec

from wherry.server import openapi
from wherry.server.routes import ALL_ROUTES

if __name__ == "__main__":
    document = openapi.document(ALL_ROUTES, version="0")
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n")
