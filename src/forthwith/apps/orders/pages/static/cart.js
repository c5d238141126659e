/** What a guest has chosen; it survives a reload, and ends with the tab. */

const same = (one, other) => one.dish === other.dish && one.options.join() === other.options.join();

export class Cart extends EventTarget {
  #place;

  constructor(slug) {
    super();
    this.#place = `forthwith.cart.${slug}`;
    const kept = JSON.parse(sessionStorage.getItem(this.#place) ?? "{}");
    this.lines = kept.lines ?? [];
    this.words = kept.words ?? {};
    this.sent = kept.sent ?? null;
  }

  save() {
    const { lines, words, sent } = this;
    sessionStorage.setItem(this.#place, JSON.stringify({ lines, words, sent }));
    this.dispatchEvent(new Event("change"));
  }

  /** Put `by` more of a dish with these options in, or take them out. */
  change(dish, options, by) {
    const wanted = { dish: dish.id, options: [...options].sort(), name: dish.name, quantity: 0 };
    const line = this.lines.find((each) => same(each, wanted)) ?? wanted;
    if (line === wanted) this.lines.push(line);
    line.quantity = Math.min(line.quantity + by, 99);
    this.lines = this.lines.filter((each) => each.quantity > 0);
    this.save();
  }

  /** One less of a dish, of the options that were chosen last. */
  takeOne(dish) {
    const last = this.lines.findLast((line) => line.dish === dish.id);
    if (last) this.change(dish, last.options, -1);
  }

  piecesOf(dishId) {
    return count(this.lines.filter((line) => line.dish === dishId));
  }

  get pieces() {
    return count(this.lines);
  }

  say(name, words) {
    this.words[name] = words;
    this.save();
  }

  clear() {
    Object.assign(this, { lines: [], sent: null });
    delete this.words.note;
    this.save();
  }

  /**
   * The body and its Idempotency-Key. An order that is sent again, since its answer was lost or
   * the button was tapped twice, is the same request; any change makes it another.
   */
  request(menu, language, idToken) {
    const said = Object.entries(this.words).filter(([, words]) => words.trim());
    const order = {
      shop: menu.slug,
      language,
      items: this.lines.map((line) => ({
        menu_item_id: line.dish,
        options: line.options,
        quantity: line.quantity,
        price: menu.priceOf(line),
      })),
      total_amount: menu.totalOf(this.lines),
      ...Object.fromEntries(said),
    };
    const about = JSON.stringify(order);
    if (this.sent?.about !== about) {
      const body = JSON.stringify(idToken ? { ...order, line_id_token: idToken } : order);
      this.sent = { about, body, key: newKey() };
      this.save();
    }
    return this.sent;
  }
}

function count(lines) {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

/** 128 random bits; crypto.randomUUID is missing where a page is not served over https. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** A shop with its menu, in the guest's language. */
export class Menu {
  constructor(shop) {
    Object.assign(this, shop);
    this.dishes = new Map(shop.sections.flatMap(({ items }) => items.map((each) => [each.id, each])));
  }

  /** The dish of a line while it can be ordered with the line's options. */
  dishOf(line) {
    const dish = this.dishes.get(line.dish);
    const known = dish && line.options.every((id) => optionsOf(dish).some((each) => each.id === id));
    return known && dish.is_available ? dish : undefined;
  }

  optionsOf(line) {
    const dish = this.dishes.get(line.dish);
    return dish ? optionsOf(dish).filter(({ id }) => line.options.includes(id)) : [];
  }

  /** What one piece costs, options included. */
  priceOf(line) {
    const dish = this.dishes.get(line.dish);
    return this.#rounded(
      this.optionsOf(line).reduce((sum, { price }) => sum + price, dish?.price ?? 0),
    );
  }

  totalOf(lines) {
    const present = lines.filter((line) => this.dishOf(line));
    return this.#rounded(
      present.reduce((sum, line) => sum + this.priceOf(line) * line.quantity, 0),
    );
  }

  #rounded(amount) {
    return Number(amount.toFixed(this.decimals));
  }
}

function optionsOf(dish) {
  return dish.choices.flatMap(({ options }) => options);
}
