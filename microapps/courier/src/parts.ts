/** For lists without markers: Safari takes such a list for plain boxes unless it is told that it is a list. */
export const LIST = { role: 'list' } as const;
