# Sends messages with the Python library websockets, compares what comes back, and prints what is wrong as a JSON list.
# Input: {"urls": [...], "messages": [{"base64", "isText", "frames"}], "offers": {keywords of ClientPerMessageDeflateFactory}}

import asyncio
import base64
import json
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory


def pieces(data, count):
    if count == 1 or len(data) < count:
        return data
    size = len(data) // count
    return [data[i * size : (i + 1) * size if i < count - 1 else len(data)] for i in range(count)]


async def check(url, messages, offers, problems):
    extensions = [ClientPerMessageDeflateFactory(**offers)]
    async with websockets.connect(url, compression=None, extensions=extensions, max_size=None, open_timeout=None, ping_interval=None) as socket:
        agreed = [extension.name for extension in socket.extensions]
        if agreed != ["permessage-deflate"]:
            problems.append(f"{url}: no compression was agreed on")
        for message in messages:
            data = base64.b64decode(message["base64"])
            sent = data.decode() if message["isText"] else data
            await socket.send(pieces(sent, message["frames"]))
            got = await socket.recv()
            while isinstance(got, str) and got.startswith('{"sequence":'):
                got = await socket.recv()
            if got != sent:
                problems.append(f"{url}: {len(data)} bytes, text {message['isText']}: not what was sent")


async def main():
    job = json.load(sys.stdin)
    problems = []
    for url in job["urls"]:
        await check(url, job["messages"], job["offers"], problems)
    print(json.dumps(problems))


asyncio.run(main())
