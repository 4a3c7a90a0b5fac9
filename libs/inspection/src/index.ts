// Filled by the lib’s first parts.
export {};
