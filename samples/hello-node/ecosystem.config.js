module.exports = {
  apps: [{
    name: 'app',
    script: 'server.js',
    args: 'null',
    instances: 2,
    exec_mode: 'cluster',
    autorestart: false,
    min_uptime: '60s',
    max_restarts: 3,
    watch: false,
    log: './logs/app.log',
    // error_file: './logs/app-err.log',
    // out_file: './logs/app-out.log',
    // log_date_format: 'YYYY-MM-DD HH:mm Z',
    max_memory_restart: '1G',
    kill_timeout: 3000,
    // listen_timeout: 3000,
    // wait_ready: true, // the server never says ready: it counts because it listens, once listen_timeout is over
    env: { NODE_ENV: 'development' },
    env_production: { NODE_ENV: 'production' },
  }],

  deploy: {
    production: {
      user: 'node',
      host: 'server.example',
      ref: 'origin/main',
      repo: 'git@server.example:hello-node.git',
      path: '/var/www/hello-node',
      'post-deploy': 'npm install && zd reload ecosystem.config.js --env production',
    },
  },
};
