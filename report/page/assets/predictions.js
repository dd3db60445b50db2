// What the models say about each picture, derived from the data once per model.

// pictures are in the order of labels and names; data.pictures has the names of each class.
const pictures = data.pictures.flatMap((names, target) => names.map((file) => ({ file, target })));
const firstOf = []; // index of each class's first picture
data.pictures.reduce((next, names, c) => { firstOf[c] = next; return next + names.length; }, 0);

const classPictures = (c) => data.pictures[c].map((_, k) => firstOf[c] + k);
const pathOf = (i) => `${labels[pictures[i].target]}/${pictures[i].file}`;

// mistakes lists for each picture the wrong predictions, most frequent first: { prediction, count,
// margin }.
function mistakes(m) {
  if (!m.mistakes) {
    m.mistakes = pictures.map(() => []);
    for (const [i, prediction, count, margin] of m.wrong) m.mistakes[i].push({ prediction, count, margin });
    for (const list of m.mistakes) list.sort((a, b) => b.count - a.count || a.prediction - b.prediction);
  }
  return m.mistakes;
}

const wrongRuns = (m, i) => mistakes(m)[i].reduce((sum, mistake) => sum + mistake.count, 0);
const rightRuns = (m, i) => m.evaluated[i] - wrongRuns(m, i);
const mostlyWrong = (m, i) => 2 * wrongRuns(m, i) > m.evaluated[i];

// meanMargin is over the runs in which the picture is wrong.
function meanMargin(m, i) {
  const sum = mistakes(m)[i].reduce((s, mistake) => s + mistake.margin * mistake.count, 0);
  return sum / (wrongRuns(m, i) || 1);
}

// confusion gives the count per run of target and prediction.
function confusion(m) {
  if (!m.confusion) {
    const n = labels.length;
    m.confusion = new Float64Array(n * n);
    const add = (t, p, count) => { m.confusion[t * n + p] += count / m.runs.length; };
    pictures.forEach(({ target }, i) => {
      add(target, target, rightRuns(m, i));
      for (const { prediction, count } of mistakes(m)[i]) add(target, prediction, count);
    });
  }
  return (target, prediction) => m.confusion[target * labels.length + prediction];
}

// verdict says in a few words what the runs made of a picture: what it is taken for, and how many
// of the times that it was evaluated.
function verdict(m, i) {
  const list = mistakes(m)[i], runs = m.evaluated[i];
  if (!runs) return ["not evaluated"];
  if (!list.length) return [`right ${runs}/${runs}`];
  const { prediction, count } = list[0];
  return ["→ ", name(labels[prediction]), ` ${count}/${runs}`];
}
