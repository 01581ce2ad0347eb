// Runs every audit of npm graphql-http against a GraphQL endpoint; prints the results as JSON.
// Arguments: the endpoint's URL, and the headers that every request needs, as a JSON object.
import { serverAudits } from 'graphql-http';

const [url, needed = '{}'] = process.argv.slice(2);
const always = JSON.parse(needed);
const fetchFn = (input, init = {}) => fetch(input, { ...init, headers: { ...init.headers, ...always } });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason: reason ?? '' });
}
process.stdout.write(JSON.stringify(results));
