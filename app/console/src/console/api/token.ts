const KEPT = "token";

/** The token of this tab; it is gone with the tab. */
export function keptToken(): string | null {
  return sessionStorage.getItem(KEPT);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEPT);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT, token);
}
