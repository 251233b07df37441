# For uvicorn: answers after 1.5 s, and writes down what happens to it. A second signal makes uvicorn end at once.
import asyncio, os


def say(word):
    fd = os.open(os.environ['WORDS'], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, f'{os.getpid()} {word}\n'.encode())
    os.close(fd)


async def app(scope, receive, send):
    if scope['type'] == 'lifespan':
        while True:
            message = await receive()
            if message['type'] == 'lifespan.startup':
                say('listening')
                await send({'type': 'lifespan.startup.complete'})
            else:
                await send({'type': 'lifespan.shutdown.complete'})
                return
    say('in-flight')
    await asyncio.sleep(1.5)
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-type', b'text/plain')]})
    await send({'type': 'http.response.body', 'body': f'answered pid={os.getpid()}'.encode()})
