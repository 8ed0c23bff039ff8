// "Use my position" beside the coordinates of a place. The browser asks the person; nothing goes to anybody but us.
for (const details of document.querySelectorAll("details[data-place]")) {
  if (!navigator.geolocation) break;
  const [lat, lon] = details.querySelectorAll("input");
  const [south, north, west, east] = details.dataset.place.split(" ").map(Number);
  const english = document.documentElement.lang === "en";
  const said = (de, en) => (english ? en : de);
  const button = document.createElement("button");
  const status = document.createElement("p");
  button.type = "button";
  button.className = "kern-btn kern-btn--secondary";
  button.append(Object.assign(document.createElement("span"), { className: "kern-label" }));
  button.firstChild.textContent = said("Meinen Standort übernehmen", "Use my position");
  status.setAttribute("role", "status");
  details.append(button, status);
  button.addEventListener("click", () => {
    status.textContent = said("Ihr Standort wird ermittelt …", "Finding your position …");
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => {
        if (latitude < south || latitude > north || longitude < west || longitude > east) {
          status.textContent = said("Ihr Standort liegt nicht in München.", "Your position is not in Munich.");
          return;
        }
        lat.value = latitude.toFixed(5);
        lon.value = longitude.toFixed(5);
        status.textContent = said("Ihr Standort ist eingetragen.", "Your position has been filled in.");
      },
      () => {
        status.textContent = said(
          "Ihr Standort ist nicht bekannt. Beschreiben Sie den Ort mit Worten.",
          "Your position is not known. Describe the place in words.",
        );
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}
