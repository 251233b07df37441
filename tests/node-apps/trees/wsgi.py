# For gunicorn: answers after 1.5 s, and writes down what happens to it.
import os, time


def say(word):
    fd = os.open(os.environ['WORDS'], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, f'{os.getpid()} {word}\n'.encode())
    os.close(fd)


def app(environ, start_response):
    say('in-flight')
    time.sleep(1.5)
    start_response('200 OK', [('content-type', 'text/plain')])
    return [f'answered pid={os.getpid()}'.encode()]


say('listening')
