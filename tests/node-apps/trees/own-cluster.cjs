// Its own cluster's primary: the workers serve, and are told to end by the primary.
const cluster = require('cluster');

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: `${__dirname}/server.cjs` });
  const workers = [cluster.fork(), cluster.fork()];
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => workers.forEach((worker) => worker.process.kill(signal)));
  }
} else {
  require('./server.cjs');
}
