// Keeps a list at its end while its reader is there, and otherwise tells how much is new.

const NEAR_PX = 80;

export class Follower {
  /** @param {HTMLElement} list @param {HTMLButtonElement|null} pill shown while there is something new below */
  constructor(list, pill = null) {
    Object.assign(this, { list, pill, isAtEnd: true, news: 0 });
    list.addEventListener("scroll", () => this.measure());
    pill?.addEventListener("click", () => {
      this.toEnd();
      list.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.isAtEnd && this.toEnd()).observe(list);
  }

  measure() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.isAtEnd) this.tell(0);
  }

  toEnd() {
    this.isAtEnd = true;
    this.list.scrollTop = this.list.scrollHeight;
    this.tell(0);
  }

  /** Say that messages were added; an answer to the reader's own doing is brought into view, from its head on. */
  grown(count, answer = null) {
    if (answer) this.reveal(answer);
    else if (this.isAtEnd) this.toEnd();
    else if (count > 0) this.tell(this.news + count);
  }

  reveal(node) {
    this.toEnd();
    if (node.offsetHeight > this.list.clientHeight) node.scrollIntoView({ block: "start" });
    this.measure();
  }

  tell(news) {
    this.news = news;
    if (!this.pill) return;
    this.pill.hidden = news === 0;
    this.pill.textContent = news === 1 ? "1 new message ↓" : `${news} new messages ↓`;
  }
}
