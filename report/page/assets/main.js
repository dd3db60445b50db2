// Draws the page. Everything above only defines.

function modelChooser() {
  if (!several) return;
  const select = byId("model");
  select.append(...data.models.map((m, i) => make("option", { value: i }, m.name)));
  select.addEventListener("change", () => {
    current = Number(select.value);
    for (const redraw of redraws) redraw();
  });
  byId("chooser").hidden = false;
}

for (const dialog of document.querySelectorAll("dialog")) {
  // A click on the dialog itself, not on what is in it, is one beside it.
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
addEventListener("scroll", hideHint, { passive: true });

modelChooser();
modelTable();
cumulativePlot();
runPlot();
probabilitiesSection();
classTable();
confusionMatrix();
confusedPairs();
similarityMatrix();
embeddingMap();
galleries();
unknownClasses();
alikePairs();
manifestTable();
for (const redraw of redraws) redraw();
