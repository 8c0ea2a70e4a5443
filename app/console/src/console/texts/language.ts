export type Language = "ko" | "en";

const REMEMBERED = "language";

/** The language that was chosen here, else the first of the browser's that there is. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(REMEMBERED);
  if (chosen === "ko" || chosen === "en") return chosen;
  const wanted = navigator.languages.map((tag) => tag.split("-")[0]);
  return wanted.find((tag) => tag === "ko" || tag === "en") === "ko" ? "ko" : "en";
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(REMEMBERED, language);
}
