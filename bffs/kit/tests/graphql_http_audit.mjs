// Runs every audit of npm graphql-http against a GraphQL endpoint; prints what is not ok, as JSON.
import { serverAudits } from 'graphql-http';

const audits = serverAudits({ url: process.argv[2], fetchFn: fetch });
const results = [];
for (const audit of audits) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason: reason ?? '' });
}
process.stdout.write(JSON.stringify(results));
