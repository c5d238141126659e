"""The bot's sentences in Japanese."""

from typing import Final

from forthwith.apps.cards.conversation.commands import Field, Verb
from forthwith.apps.cards.conversation.words import Words

JAPANESE: Final = Words(
    say={
        Verb.BEGIN_BATCH: "バッチ",
        Verb.END_BATCH: "バッチ終了",
        Verb.STATUS: "状態",
        Verb.LIST: "一覧",
        Verb.HELP: "ヘルプ",
        Verb.CANCEL: "キャンセル",
    },
    fields={
        Field.NAME: "氏名",
        Field.COMPANY: "会社",
        Field.DEPARTMENT: "部署",
        Field.TITLE: "役職",
        Field.PHONE: "電話",
        Field.MOBILE: "携帯",
        Field.FAX: "FAX",
        Field.EMAIL: "メール",
        Field.WEBSITE: "サイト",
        Field.ADDRESS: "住所",
        Field.TAX_ID: "法人番号",
        Field.LINE_ID: "LINE",
    },
    failures={
        "NO_TEXT_FOUND": "文字が読み取れませんでした。近づけて、はっきり撮り直してください。",
        "UNSUPPORTED_MEDIA_TYPE": "この形式は読めません。JPEG、PNG、WebP、HEIC を送ってください。",
        "TOO_LARGE": "写真が大きすぎます。15 MB 以内の写真を送ってください。",
        "QUOTA_EXCEEDED": "今日の写真の枠は終わりです。日本時間の午前9時以降に送り直してください。",
        "REFUSED": "LINE にこの写真はもうありません。もう一度送ってください。",
        "TIMED_OUT": "時間がかかりすぎました。別の写真で試してください。",
    },
    advice={
        "BLURRED": "写真がぼやけています。ピントを合わせるともっと正確に読めます。",
        "GLARE": "光が反射しています。角度を変えるともっと正確に読めます。",
        "TOO_SMALL": "文字が小さいです。名刺が画面いっぱいになるまで近づけてください。",
        "CUT_OFF": "文字が切れています。名刺全体を撮ってください。",
        "TOO_DARK": "写真が暗いです。明るい場所で撮ってください。",
    },
    welcome="こんにちは。名刺の写真を送ると、数秒で連絡先になります。",
    help=(
        "写真を送る：名刺を1枚読み取ります\n"
        "バッチ：まとめて送り、最後に集計します\n"
        "バッチ終了：終了して結果を見ます\n"
        "状態：進み具合\n"
        "一覧：最近の名刺\n"
        "検索 田中：名刺を探します\n"
        "訂正 役職: 部長：最新の名刺を直します\n"
        "メモ 展示会で会った：メモを付けます\n"
        "削除：最新の名刺を消します"
    ),
    batch_begun="バッチを開始しました。写真を送り、終わったら「バッチ終了」と送ってください。",
    batch_runs="バッチはすでに始まっています。受け取った写真：{count} 枚。",
    no_batch="バッチは始まっていません。「バッチ」と送ると始まります。",
    batch_empty="バッチを終了しました。写真はありませんでした。",
    batch_done="バッチ完了",
    batch_forgotten="操作がなかったため、バッチを終了しました",
    done="成功",
    failed="失敗",
    duplicates="重複",
    from_cache="キャッシュ",
    took="所要時間",
    seconds="{seconds} 秒",
    status="現在の状態",
    in_batch="バッチ実行中",
    waiting="読み取り待ち",
    contacts="連絡先",
    photo_failed="読み取れませんでした。{why}",
    unexpected="こちらで問題が起きました。後でもう一度送ってください。",
    no_contacts="名刺はまだありません。写真を送ってみてください。",
    nothing_found="「{term}」は見つかりませんでした。",
    found="{count} 件見つかりました",
    ask_value="新しい{field}を送ってください（やめるときは「キャンセル」）。",
    ask_note="メモを送ってください（やめるときは「キャンセル」）。",
    cancelled="キャンセルしました。",
    not_valid="「{value}」は{field}として正しくないようです。もう一度送るか「キャンセル」と送ってください。",
    corrected="訂正しました。",
    noted="メモを付けました。",
    ask_delete="{who}を削除しますか？写真と読み取った内容も消えます。",
    deleted="削除しました。",
    gone="この名刺はもうありません。",
    same_person="{who}はすでに連絡先にあるようです。統合しますか？",
    merged="統合しました。以前の役職は記録に残ります。",
    kept_apart="別々に残します。",
    not_understood="分かりませんでした。名刺の写真を送るか、「ヘルプ」と送ってください。",
    send_photo="名刺の写真だけを読み取ります。写真を送ってください。",
    earlier="以前",
    read_before="この写真は読み取り済みです",
    delete="削除",
    yes_delete="削除する",
    merge="統合",
    keep="別々に残す",
    save="携帯に保存",
    qr="QR コード",
    note="メモ",
    notion="Notion",
    notion_waiting="この連絡先はNotionへ送信中です。少し後でもう一度お試しください。",
    notion_failed="Notionがこの連絡先を受け付けませんでした。修正すると再送されます。",
    open="見る",
    more="もっと見る",
    camera="カメラ",
    album="写真",
    unsure="要確認",
    read_by="{reader}が読み取り",
    readers={"local": "このサーバー", "gemini": "Gemini", "openai": "OpenAI"},
    no_links="公開アドレスが未設定のため、連絡先を文字で送ります：",
)
