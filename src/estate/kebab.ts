// Kebab words: permanent names that are safe in a URL, a file name and a shell.
export const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
