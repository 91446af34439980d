// Runs before the first paint, so a chosen theme never flashes. The only script outside the module system.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's choice then stands.
  }
})();
