export default async function handler(request, response) {
  await new Promise(done => setTimeout(done, Number(request.query.delay || 0)));
  response.status(200).send(`hello, pid: ${process.pid}\n`);
}
