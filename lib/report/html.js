// Filter and sort the findings. Everything can be read without this.
(function () {
	"use strict";
	var table = document.getElementById("list");
	var form = document.getElementById("filter");
	if (!table || !form)
		return;
	var body = table.tBodies[0];
	var rows = Array.prototype.slice.call(body.rows);
	var words = document.getElementById("words");
	var level = document.getElementById("level");
	var told = document.getElementById("told");
	var articles = Array.prototype.slice.call(document.querySelectorAll("article"));

	// The article that tells more of a row.
	function articleOf(row) {
		var target = document.getElementById(row.getAttribute("data-finding"));
		return target && target.closest("article");
	}

	function isWanted(row, text) {
		if (level.value && row.getAttribute("data-level") !== level.value)
			return false;
		return text.every(function (word) {
			return row.textContent.toLowerCase().indexOf(word) >= 0;
		});
	}

	function filter() {
		var text = words.value.toLowerCase().split(/\s+/).filter(Boolean);
		var shown = 0, kept = [];
		rows.forEach(function (row) {
			row.hidden = !isWanted(row, text);
			if (!row.hidden) {
				shown++;
				kept.push(articleOf(row));
			}
		});
		articles.forEach(function (article) {
			article.hidden = kept.indexOf(article) < 0;
		});
		told.textContent = shown + " of " + rows.length + " findings shown";
	}

	function sortBy(column, head) {
		var isDown = head.getAttribute("aria-sort") === "ascending";
		Array.prototype.forEach.call(head.parentNode.cells, function (cell) {
			cell.removeAttribute("aria-sort");
		});
		head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
		rows.map(function (row, index) {
			var cell = row.cells[column];
			return { row: row, index: index, key: cell.getAttribute("data-order") || cell.textContent };
		}).sort(function (a, b) {
			var order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
			return (isDown ? -order : order) || a.index - b.index;
		}).forEach(function (item) {
			body.appendChild(item.row);
		});
	}

	Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
		var button = document.createElement("button");
		button.type = "button";
		button.textContent = head.textContent;
		head.textContent = "";
		head.appendChild(button);
		button.addEventListener("click", function () {
			sortBy(column, head);
		});
	});
	form.addEventListener("submit", function (event) {
		event.preventDefault();
	});
	words.addEventListener("input", filter);
	level.addEventListener("change", filter);
	form.hidden = false;
	filter();
}());
