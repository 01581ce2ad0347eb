export const bootstrap = () => {};
