"""`/orders`: what guests call, and what a shop's staff calls."""

from fastapi import APIRouter

from forthwith.apps.orders import guests, staff

router = APIRouter()
router.include_router(guests.router)
router.include_router(staff.router)
