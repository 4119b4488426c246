create schema if not exists shop;

drop table if exists shop.sales_by_day;

create table shop.sales_by_day as
select cast(created_time as date) as day, count(*) as orders
from amazon.orders
group by 1
