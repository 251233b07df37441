# Three levels of processes, as the seed says: own sessions, ignored signals, double forks, an empty environment. Each writes down its pid.
import os, random, signal, sys, time

seed, words = int(sys.argv[1]), sys.argv[2]
dice = random.Random(seed)


def say():
    fd = os.open(words, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, f"{os.getpid()} born\n".encode())
    os.close(fd)


def live(level):
    say()
    children = dice.randint(1, 2) if level < 3 else 0
    for _ in range(children):
        own_session, twice, deaf, child_seed = dice.random() < .5, dice.random() < .5, dice.random() < .3, dice.random()
        if os.fork() == 0:
            dice.seed(child_seed)
            if own_session:
                os.setsid()
            if twice and os.fork() != 0:
                os._exit(0)
            if deaf:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            live(level + 1)
    if level == 1:
        print("family complete", flush=True)
    while True:
        time.sleep(60)
        try:
            while os.waitpid(-1, os.WNOHANG)[0] > 0:
                pass
        except ChildProcessError:
            pass


live(1)
