// Shows a part of a form only while another field has one of some values:
//   <div data-shown-when="exam_type=T2">   or   data-shown-when="report_type=SOC2,SOC3"
// What is hidden is not sent. Without scripts every part is shown.
(() => {
  const value = (form, name) => {
    const field = form.elements[name];
    return field ? field.value : "";
  };

  function settle(part) {
    const form = part.closest("form");
    const [name, values] = part.dataset.shownWhen.split("=");
    const shown = values.split(",").includes(value(form, name));
    part.hidden = !shown;
    part.querySelectorAll("input, select, textarea").forEach((field) => {
      if (!shown) field.dataset.asleep = "";
      if (!shown || "asleep" in field.dataset) field.disabled = !shown;
      if (shown) delete field.dataset.asleep;
    });
  }

  const settleAll = () => document.querySelectorAll("[data-shown-when]").forEach(settle);
  document.addEventListener("change", settleAll);
  addEventListener("pageshow", settleAll);
  settleAll();
})();
