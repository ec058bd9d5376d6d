/** Purchases of daily goods at the shops of みなと野薬局 in the last two months. No medicine is among them: those are prescriptions. */
import { addDays, instantOf } from './days.js';
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';
import type { DatedRecord } from './dated-record.js';

const shops = [
  { id: 'mp-01', name: 'みなと野薬局 港本町店' },
  { id: 'mp-02', name: 'みなと野薬局 浜風台店' },
  { id: 'mp-03', name: 'みなと野薬局 渚ヶ丘店' },
] as const;

/** Name, group and price in yen. */
const goods: readonly (readonly [name: string, group: string, yen: number])[] = [
  ['食パン 6枚切り', '食品', 178],
  ['牛乳 1L', '食品', 248],
  ['豆腐 3個入り', '食品', 128],
  ['麦茶ティーバッグ', '飲料', 298],
  ['炭酸水 500mL', '飲料', 98],
  ['トイレットペーパー 12巻', '日用品', 498],
  ['洗濯洗剤 詰め替え', '日用品', 328],
  ['歯ブラシ', '日用品', 198],
  ['紙おむつ Mサイズ', 'ベビー用品', 1480],
  ['日焼け止め', '化粧品', 980],
  ['猫用フード 1kg', 'ペット用品', 798],
];

export function makePurchases(_person: DemoPerson, random: Random, today: string): DatedRecord[] {
  const shop = random.pick(shops);
  const memberNumber = `MP${random.digits(8)}`;
  const purchases: DatedRecord[] = [];
  for (let daysAgo = random.integer(50, 60); daysAgo >= 1; daysAgo -= random.integer(6, 16)) {
    const onDate = addDays(today, -daysAgo);
    const items = Array.from({ length: random.integer(1, 5) }, () => {
      const [name, group, unitPriceYen] = random.pick(goods);
      return { name, group, quantity: random.integer(1, 3), unitPriceYen };
    });
    purchases.push({
      onDate,
      data: {
        id: random.uuid(),
        purchasedAt: instantOf(onDate, random.integer(9 * 60, 20 * 60)),
        store: shop,
        memberNumber,
        receiptNumber: `R${random.digits(6)}`,
        items,
        totalYen: items.reduce((sum, item) => sum + item.quantity * item.unitPriceYen, 0),
        currency: 'JPY',
        payment: random.pick(['cash', 'card', 'ic', 'code']),
      },
    });
  }
  return purchases;
}
