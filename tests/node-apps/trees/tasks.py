# A celery worker that gives itself one task of 1.5 s when it is ready, and writes down what becomes of it. A second signal makes celery drop its tasks.
import os, time
from celery import Celery, signals

folder = os.path.dirname(os.environ['WORDS'])
slot = os.environ.get('NODE_APP_INSTANCE', '0')


def say(word):
    fd = os.open(os.environ['WORDS'], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, f'{os.getpid()} {word}\n'.encode())
    os.close(fd)


queue = os.path.join(folder, f'queue-{slot}')
os.makedirs(queue, exist_ok=True)
app = Celery('tasks', broker='filesystem://')
app.conf.broker_transport_options = {'data_folder_in': queue, 'data_folder_out': queue}


@app.task
def slow():
    say('in-flight')
    time.sleep(1.5)
    say('done')


@signals.worker_ready.connect
def ready(**_):
    say('listening')
    try:
        os.close(os.open(os.environ['WORDS'] + '.' + slot, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    slow.delay()
