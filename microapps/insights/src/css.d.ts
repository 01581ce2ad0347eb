/** Style sheets are for the bundler; a module that imports one gets no value. */
declare module '*.css' {}
