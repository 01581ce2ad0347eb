"""The GraphQL inputs, and how they become the domain's values."""

import strawberry

from checkout_bff import money, order


@strawberry.input(description="Whole minor units (cents) of one currency (ISO 4217).")
class MoneyInput:
    """An amount the person saw; it is compared, never charged."""

    minor: int
    currency: str


@strawberry.input(description="Where an order goes.")
class AddressInput:
    """Every field is needed."""

    name: str = strawberry.field(description="The name on the door; at most 80 characters.")
    street: str = strawberry.field(description="Street and house number; at most 120 characters.")
    postal_code: str = strawberry.field(description="At most 12 characters.")
    city: str = strawberry.field(description="At most 80 characters.")


@strawberry.input(description="What to put into the basket. There is no price: the price book has it.")
class AddToBasketInput:
    """A dish and how many portions."""

    dish_id: strawberry.ID
    quantity: int = 1
    fresh: bool = strawberry.field(default=False, description="Empty the basket first, to order elsewhere.")


@strawberry.input(description="Where to and for how much to order what is in the basket.")
class SubmitOrderInput:
    """An order of the whole basket."""

    address: AddressInput
    note: str = strawberry.field(default="", description="For the kitchen or the rider; at most 300 characters.")
    seen_total: MoneyInput = strawberry.field(
        description="The total the person saw. If the basket costs something else now, the order is refused."
    )

    def wish(self) -> order.Wish:
        """Map to the domain."""
        to = self.address
        return order.Wish(
            address=order.Address(to.name, to.street, to.postal_code, to.city),
            note=self.note,
            seen=money.Money(self.seen_total.minor, self.seen_total.currency),
        )
