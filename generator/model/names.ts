/** `list-devices`, `list_devices` or `List devices` as `listDevices`. */
export function camel(name: string): string {
  const pascalName = pascal(name);
  return pascalName.charAt(0).toLowerCase() + pascalName.slice(1);
}

/** As `ListDevices`; a name that would begin with a digit gets an underscore. */
export function pascal(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const text = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z]/.test(text) ? text : `_${text}`;
}

/** `list_devices` or `listDevices` as `list-devices`. */
export function kebab(name: string): string {
  return words(name).join("-");
}

/** The words of a name in lower case, whichever way it is written. */
export function words(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** Good enough for variable names: `devices` → `device`, `entries` → `entry`, `statuses` → `status`. */
export function singular(name: string): string {
  if (/(ss|us|is)$/.test(name)) return name;
  if (/ies$/.test(name)) return name.replace(/ies$/, "y");
  if (/(sses|uses|xes|ches|shes)$/.test(name)) return name.replace(/es$/, "");
  return name.replace(/s$/, "");
}
