// Styles that we put on replayed elements: what stands in for content that the page itself cannot show.

export type Property = "content" | "background";

interface Dressed {
  element: HTMLElement;
  property: Property;
  value: string;
}

export class Dressing {
  private dressed: Dressed[] = [];

  put(element: HTMLElement, property: Property, value: string): void {
    this.dressed = this.dressed.filter((one) => one.element !== element || one.property !== property);
    const one = { element, property, value };
    this.dressed.push(one);
    if (element.style.getPropertyValue(property)) element.style.removeProperty(property);
    dress(one);
  }

  /** A recorded change of the style attribute takes ours away with it. */
  refresh(): void {
    this.dressed = this.dressed.filter((one) => one.element.isConnected);
    this.dressed.forEach(dress);
  }
}

function dress({ element, property, value }: Dressed): void {
  if (element.style.getPropertyPriority(property) !== "important") element.style.setProperty(property, value, "important");
}
