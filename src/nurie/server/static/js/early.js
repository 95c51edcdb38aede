// Before anything is painted, lest the page flash in another theme. No module: those come too late.
{
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // where storage is forbidden, the system decides
    }
  };
  const theme = stored("nurie.theme");
  if (theme) document.documentElement.dataset.theme = theme;
  document.documentElement.lang =
    stored("nurie.language") ??
    (navigator.languages.find((tag) => /^(en|ja)\b/.test(tag)) ?? "en").slice(0, 2);
}
