export const say = (id) => `Thing ${id}`;
