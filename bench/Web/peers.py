"""What the web server is measured against: uvicorn with Starlette and with FastAPI, one process, uvloop and httptools if they are there."""
import os
import sys

import uvicorn
from fastapi import FastAPI, Path, Query
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def hello(request):
    return PlainTextResponse("Hello, World!")


api = FastAPI()


@api.get("/items/{id}")
async def item(id: int = Path(ge=1, le=1000), sort: str = Query("asc", regex="^(asc|desc)$")):
    return {"id": id, "sort": sort}


pool = None


@api.on_event("startup")
async def connect():
    # At the first request it would be opened once for each connection.
    global pool
    if "BENCH_DSN" in os.environ:
        import asyncpg

        pool = await asyncpg.create_pool(os.environ["BENCH_DSN"], min_size=16, max_size=16)


@api.get("/rows/{id}")
async def row(id: int = Path(ge=1, le=10000)):
    return dict(await pool.fetchrow("select id, name, price from item where id = $1", id))


apps = {"starlette": Starlette(routes=[Route("/", hello)]), "fastapi": api}
uvicorn.run(apps[sys.argv[1]], host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
