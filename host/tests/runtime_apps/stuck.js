// Its mount never comes to an end.
export const bootstrap = () => {};
export const mount = ({ domElement }) => {
  domElement.append('still mounting');
  return new Promise(() => {});
};
export const unmount = () => {};
