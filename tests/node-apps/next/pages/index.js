export async function getServerSideProps({ query }) {
  await new Promise(done => setTimeout(done, Number(query.delay || 0)));
  return { props: { pid: process.pid } };
}

export default function Home({ pid }) {
  return <p>hello, pid: {pid}</p>;
}
