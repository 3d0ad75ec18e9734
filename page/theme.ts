import { byId } from "./dom.ts";

const memory = "azureml-clusters.theme";

/** The switch between light, dark, and what the system has. */
export function themeSwitch(): void {
  const field = byId("theme", HTMLSelectElement);
  const wear = (theme: string) => {
    if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
    else delete document.documentElement.dataset["theme"];
  };
  const known = recalled();
  if (["light", "dark"].includes(known)) field.value = known;
  wear(field.value);
  field.addEventListener("change", () => {
    wear(field.value);
    remember(field.value);
  });
}

/** A page that is opened from a file may be allowed no memory. */
function recalled(): string {
  try {
    return localStorage.getItem(memory) ?? "";
  } catch {
    return "";
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(memory, theme);
  } catch {
    // The page is as it was asked to be, until it is opened again.
  }
}
