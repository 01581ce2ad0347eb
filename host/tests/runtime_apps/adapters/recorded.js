// Writes down which life-cycle functions of an app run, in what order, with which props, and what they leave in the page.

const FUNCTIONS = ['mountParcel', 'unmountSelf'];
const OF_SINGLE_SPA = ['mountRootParcel', 'navigateToUrl', 'getAppNames', 'getMountedApps'];

export function recorded(lifeCycle) {
  globalThis.lifeCycle ??= [];
  const hooks = Object.entries(lifeCycle).map(([hook, run]) => [hook, [entering(hook), ...[run].flat(), left(hook)]]);
  return Object.fromEntries(hooks);
}

function entering(hook) {
  return (props) => note(props, `${hook} ${told(props)}`);
}

function left(hook) {
  return (props) => note(props, `${hook} left ${JSON.stringify(props.domElement?.innerHTML)}`);
}

async function note({ name }, what) {
  globalThis.lifeCycle.push([name, what]);
}

function told({ domElement, singleSpa, text, kept, ...props }) {
  const functions = FUNCTIONS.filter((name) => typeof props[name] === 'function');
  const ofSingleSpa = OF_SINGLE_SPA.filter((name) => typeof singleSpa?.[name] === 'function');
  return JSON.stringify({ in: domElement?.tagName, text, kept, functions, ofSingleSpa });
}
