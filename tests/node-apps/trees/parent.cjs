// Starts the server as a child and leaves signals to their defaults, as cross-env and many start scripts do.
require('child_process').spawn(process.execPath, [`${__dirname}/server.cjs`], { stdio: 'inherit' });
