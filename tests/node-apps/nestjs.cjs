'use strict';
// A NestJS program as its compiler writes it: decorators are functions.
require('reflect-metadata');
const { Controller, Get, Module, Query } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');

class Hello {
  async hello(delay) {
    await new Promise(done => setTimeout(done, Number(delay || 0)));
    return `hello, pid: ${process.pid}\n`;
  }
}
Get()(Hello.prototype, 'hello', Object.getOwnPropertyDescriptor(Hello.prototype, 'hello'));
Query('delay')(Hello.prototype, 'hello', 0);
Controller()(Hello);

class App {}
Module({ controllers: [Hello] })(App);

NestFactory.create(App, { logger: false }).then(app => {
  app.enableShutdownHooks();
  return app.listen(Number(process.env.PORT));
});
